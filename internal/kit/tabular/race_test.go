//go:build race

package tabular

// slowdown divides the size of the long tests: the race detector makes them some ten times as slow.
const slowdown = 10
