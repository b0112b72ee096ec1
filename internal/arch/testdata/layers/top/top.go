// SPDX-License-Identifier: Apache-2.0

package top

import (
	_ "example.org/fake/engine"
	_ "example.org/fake/low"
	_ "example.org/fake/roles/a"
	_ "example.org/fake/top2"
)
