// SPDX-License-Identifier: Apache-2.0

package b

import _ "github.com/ethereum/go-ethereum"
