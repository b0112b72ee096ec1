// SPDX-License-Identifier: Apache-2.0

package help

import _ "example.org/fake/top"
