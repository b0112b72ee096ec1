// SPDX-License-Identifier: Apache-2.0

package pure

import (
	"os"
	"time"
)

func clockOfTests() { _, _ = os.Args, time.Now() }
