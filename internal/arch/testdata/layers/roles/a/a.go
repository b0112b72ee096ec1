// SPDX-License-Identifier: Apache-2.0

package a

import (
	_ "example.org/fake/engine"
	_ "example.org/fake/roles/b"
)
