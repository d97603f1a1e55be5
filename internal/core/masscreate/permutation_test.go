package masscreate

import (
	"testing"

	"pgregory.net/rapid"
)

func TestPermutationMeetsEveryNumberOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(1, 3000).Draw(t, "size")
		p := newPermutation(rapid.String().Draw(t, "key"), n)
		seen := make([]bool, n)
		for i := range n {
			at := p.at(i)
			if at >= n || seen[at] {
				t.Fatalf("place %d of %d gives %d, which is outside or was given", i, n, at)
			}
			seen[at] = true
		}
	})
}

func TestPermutationOfLargeRanges(t *testing.T) {
	t.Parallel()
	for digits := 1; digits <= maxDigits; digits++ {
		n := size(digits)
		p, other := newPermutation("a", n), newPermutation("b", n)
		same, seen := 0, map[uint64]bool{}
		for i := range min(n, 2000) {
			at := p.at(i)
			if at >= n || seen[at] {
				t.Fatalf("%d digits: place %d gives %d", digits, i, at)
			}
			seen[at] = true
			if at == other.at(i) {
				same++
			}
		}
		if digits > 4 && same > 5 {
			t.Errorf("%d digits: two keys agree in %d of 2000 places", digits, same)
		}
	}
	if size(18) != 1_000_000_000_000_000_000 || size(1) != 10 {
		t.Error("sizes are wrong")
	}
}
