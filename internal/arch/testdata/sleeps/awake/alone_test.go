// SPDX-License-Identifier: Apache-2.0

package awake

import clock "time"

func alone() { clock.Sleep(clock.Second) }
