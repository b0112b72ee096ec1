// SPDX-License-Identifier: Apache-2.0

package low2

import (
	_ "example.org/fake/engine"
	_ "example.org/fake/roles/a"

	_ "example.org/other"
)
