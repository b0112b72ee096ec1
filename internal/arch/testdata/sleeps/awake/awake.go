// SPDX-License-Identifier: Apache-2.0

package awake

import "time"

func forThe() { time.Sleep(1) } // the linter says so
