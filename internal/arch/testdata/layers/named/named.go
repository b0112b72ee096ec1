// SPDX-License-Identifier: Apache-2.0

package named

import _ "example.org/fake/low"
