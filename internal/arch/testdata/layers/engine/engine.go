// SPDX-License-Identifier: Apache-2.0

package engine

import (
	_ "fmt"

	_ "example.org/fake/help"
	_ "example.org/fake/low"
	_ "example.org/fake/norow"
)
