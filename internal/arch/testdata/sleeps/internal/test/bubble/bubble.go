// SPDX-License-Identifier: Apache-2.0

package bubble

import "testing"

func Test(t *testing.T, f func(*testing.T)) { f(t) }
