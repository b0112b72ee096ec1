// SPDX-License-Identifier: Apache-2.0

package pure

import (
	. "strings"
	"sync"
	t "time"
)

func start() {
	go start()
	var wg sync.WaitGroup
	wg.Go(start)
	_ = t.Now()
	_ = ToUpper("")
	time := struct{ Now func() }{}
	time.Now()
}
