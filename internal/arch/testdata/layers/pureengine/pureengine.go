// SPDX-License-Identifier: Apache-2.0

package pureengine

import (
	_ "example.org/fake/engine"
	_ "example.org/fake/low"
)
