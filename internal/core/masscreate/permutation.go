package masscreate

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

const rounds = 6

// permutation maps 0 to size-1 one to one onto themselves, in an order that its key decides: a Feistel network over the
// next even number of bits, walked until it comes back into the range. On average that is under four steps.
type permutation struct {
	size uint64
	half int // bits of one half
	keys [rounds]uint64
}

// newPermutation gives the permutation of a range of at least one number that belongs to a key.
func newPermutation(key string, size uint64) permutation {
	p := permutation{size: size, half: max(1, (bits.Len64(size-1)+1)/2)}
	for i := range p.keys {
		sum := sha256.Sum256(append([]byte{byte(i)}, key...))
		p.keys[i] = binary.BigEndian.Uint64(sum[:])
	}
	return p
}

// at is the number at a place of the walk.
func (p *permutation) at(place uint64) uint64 {
	for {
		if place = p.shuffle(place); place < p.size {
			return place
		}
	}
}

func (p *permutation) shuffle(n uint64) uint64 {
	mask := uint64(1)<<p.half - 1
	left, right := n>>p.half, n&mask
	for _, key := range p.keys {
		left, right = right, left^(mix(right^key)&mask)
	}
	return left<<p.half | right
}

// mix spreads every bit over all (the finaliser of splitmix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
