// SPDX-License-Identifier: Apache-2.0

package good_test

import "fmt"

func Example() {
	fmt.Println("good")
	// Output: good
}
