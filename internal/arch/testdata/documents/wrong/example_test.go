// SPDX-License-Identifier: Apache-2.0

package wrong

import "fmt"

func Example() {
	fmt.Println("its output is not checked")
}
