// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"os"
	"time"
)

func run() { go run(); _, _ = os.Args, time.Now() }
