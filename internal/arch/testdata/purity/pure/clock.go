// SPDX-License-Identifier: Apache-2.0

package pure

import "time"

func later(now time.Time) time.Time { return now.Add(time.Second) }

func clock() {
	_ = time.Now()
	_ = time.Since(time.Time{})
	_ = time.Until(time.Time{})
	time.Sleep(1)
	_ = time.After(1)
	time.AfterFunc(1, nil)
	_ = time.NewTimer(1)
	_ = time.NewTicker(1)
	_ = time.Tick(1)
	f := time.Now
	_ = f
}
