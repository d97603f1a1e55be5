//go:build !race

package tabular

// slowdown divides the size of the long tests, see race_test.go.
const slowdown = 1
