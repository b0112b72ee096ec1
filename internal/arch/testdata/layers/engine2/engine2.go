// SPDX-License-Identifier: Apache-2.0

package engine2

import _ "example.org/fake/engine"
