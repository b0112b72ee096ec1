// SPDX-License-Identifier: Apache-2.0

package params

// Rules says which forks a block is under, and what blobs it may have. A fork of which a
// chain has only the effect counts too: Classic's Atlantis is Byzantium, Agharta is
// Constantinople with Petersburg, Phoenix is Istanbul, Magneto is Berlin. Rules of forks by
// time count from London on only, as in geth.
type Rules struct {
	Homestead, DAO, EIP150, EIP155, EIP158             bool
	Byzantium, Constantinople, Petersburg, Istanbul    bool
	MuirGlacier, Berlin, London                        bool
	ArrowGlacier, GrayGlacier                          bool
	Shanghai, Cancun, Prague, Osaka, Amsterdam, Bogota bool
	UBT                                                bool  // the state is a binary tree (EIP-7864)
	Blobs                                              Blobs // of this block; zero before Cancun
}

// Rules returns the rules of a block of this number and time, in Unix seconds. They are the
// header's rules: whether a consensus layer makes the block follows from its total
// difficulty, see [Chain.Terminal].
func (c *Chain) Rules(number, time uint64) Rules {
	passed := func(names ...string) bool {
		for _, name := range names {
			if c.Forks.Passed(name, number, time) {
				return true
			}
		}
		return false
	}
	r := Rules{
		Homestead:      passed("homesteadBlock"),
		DAO:            passed("daoForkBlock"),
		EIP150:         passed("eip150Block"),
		EIP155:         passed("eip155Block"),
		EIP158:         passed("eip158Block", "atlantisBlock"),
		Byzantium:      passed("byzantiumBlock", "atlantisBlock"),
		Constantinople: passed("constantinopleBlock", "aghartaBlock"),
		Petersburg:     passed("petersburgBlock", "aghartaBlock"),
		Istanbul:       passed("istanbulBlock", "phoenixBlock"),
		MuirGlacier:    passed("muirGlacierBlock"),
		Berlin:         passed("berlinBlock", "magnetoBlock"),
		London:         passed("londonBlock"),
		ArrowGlacier:   passed("arrowGlacierBlock"),
		GrayGlacier:    passed("grayGlacierBlock"),
	}
	if _, ok := c.Forks.At("petersburgBlock"); !ok { // with Constantinople, then
		r.Petersburg = r.Constantinople
	}
	if r.London {
		r.Shanghai = passed("shanghaiTime")
		r.Cancun = passed("cancunTime")
		r.Prague = passed("pragueTime")
		r.Osaka = passed("osakaTime")
		r.Amsterdam = passed("amsterdamTime")
		r.Bogota = passed("bogotaTime")
		r.UBT = passed("ubtTime")
		r.Blobs, _ = c.Blobs(number, time)
	}
	return r
}
