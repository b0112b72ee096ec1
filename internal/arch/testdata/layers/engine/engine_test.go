// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	_ "github.com/ethereum/go-ethereum/common"

	_ "example.org/fake/help"
	_ "example.org/fake/interop/bench"
	_ "example.org/fake/roles/a"
)
