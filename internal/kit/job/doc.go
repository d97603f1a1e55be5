// Package job runs long work in the background: it shows progress, survives a restart, can be cancelled, keeps a
// result per row and never blocks a request.
//
// Owns: jobs, job_rows. Does not own: what the work is (a Handler of another package), who somebody is (Options.Actor,
// Save and Restore), files (core/file; a job knows the number of its result file only).
//
// How it runs. A worker of any node claims a job by writing its lease, a number of its own, and a time until which it
// holds. It renews the lease while the handler works. A worker that died stops doing so, and another one takes the job
// over with the last checkpoint.
//
// Invariants:
//   - One effect. Run.Save stands in the handler's own transaction and changes the job only while the lease is this
//     run's. A worker that was taken for dead and is not gets ErrLost, and its transaction rolls back. So what a
//     transaction did and the checkpoint that says so are on disk together or not at all, whoever is killed when.
//   - A job acts in the name of the principal that enqueued it.
//   - A job is seen by its creator and by those who may read all; cancelled by its creator and by those who manage all.
//   - A job that ended does not change any more, but for its result file being taken; its hook (OnEnd) ran in the
//     transaction that ended it.
//   - Times: created_at when it was accepted, started_at when a worker first took it, finished_at when it ended,
//     updated_at when anything a person sees changed (a renewed lease is not such a thing).
package job
