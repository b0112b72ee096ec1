// SPDX-License-Identifier: Apache-2.0

package same

import _ "example.org/fake/low"
