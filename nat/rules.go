// SPDX-License-Identifier: Apache-2.0

package nat

import "time"

// Mappings.
const (
	lease       = 10 * time.Minute // asked for
	refresh     = 8 * time.Minute  // after which it is asked for again
	minRefresh  = time.Minute      // also if the gateway grants less
	retry       = 5 * time.Minute  // after a failure
	poll        = 2 * time.Minute  // between two questions for the external address
	maxFailures = 5                // in a row, after which a mapping is deleted, or a gateway given up
)

// Patience.
const (
	findTimeout = 10 * time.Second // to find a gateway
	callTimeout = 10 * time.Second // one call of a gateway, which may be several requests
	stopTimeout = 2 * time.Second  // to delete all mappings at the end
	pmpTimeout  = time.Second      // one request by NAT-PMP, all repetitions included
	ssdpTimeout = 2 * time.Second  // answers of UPnP devices are collected
	soapTimeout = 3 * time.Second  // one request to a UPnP device
	soapGap     = 200 * time.Millisecond
	stunTimeout = 3 * time.Second // one STUN server
	stunRepeat  = 500 * time.Millisecond
)

// Sizes.
const (
	maxSpec       = 512      // bytes of a method as text
	maxNetworks   = 8        // of our networks that are searched for gateways; further ones are ignored
	maxLocations  = 8        // devices that are asked for their description; further ones are ignored
	maxServices   = 8        // connections of one device; further ones are ignored
	maxXML        = 64 << 10 // bytes of a device's answer, which is cut there and then malformed
	maxHeader     = 16 << 10 // bytes of its header
	maxDatagram   = 2048     // bytes
	maxSaid       = 200      // bytes of what others say that are repeated in an error
	maxServers    = 3        // STUN servers that are tried for one answer
	maxAlternates = 3        // other external ports that are tried when the wanted one is taken
)

// description is what gateways show for our mappings.
const description = "ethpeer p2p"
