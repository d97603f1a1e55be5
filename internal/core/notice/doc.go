// Package notice tells one person of what happened that concerns them: a delayed save that conflicts, a job that failed,
// an import that is through, a mail that was given up.
//
// Owns: notices. Does not own: what happened; whoever knows adds the notice in the transaction of its cause.
//
// Invariants: a notice is for one person, and nobody else reads or counts it; programs with a token get none. A notice is
// a comfort: nothing depends on it, reading it is not audited, and it is forgotten after a time.
package notice
