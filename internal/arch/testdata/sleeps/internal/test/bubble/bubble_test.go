// SPDX-License-Identifier: Apache-2.0

package bubble

import (
	"testing"
	"testing/synctest"
)

func TestIt(t *testing.T) { synctest.Test(t, func(*testing.T) {}) }
