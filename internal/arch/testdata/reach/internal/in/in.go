// SPDX-License-Identifier: Apache-2.0

package in

type Hidden struct{ N int }

type Doer interface{ Do() }

func (Hidden) Get() Hidden { return Hidden{} }
