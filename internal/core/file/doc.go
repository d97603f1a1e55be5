// Package file keeps files in the database: uploads that jobs read, results that jobs write.
//
// Owns: files, file_chunks. Does not own: what is in a file, who may read it (the use case that named it), how it is
// sent.
//
// Why in the database: any node can read them, a job that is taken over finds them, a backup has them, and a file can
// grow in the same transaction as the rows it tells of.
//
// Invariants:
//   - A file is open while it grows, then sealed. Only a sealed file can be read, and it does not change any more.
//   - A file is a row of chunks without gaps, each of at most 256 KiB; memory is bounded by a few of them.
//   - What was appended is there once the transaction commits, and its size and SHA-256 with it.
//   - A file cut off half way stays invisible and is removed by Purge.
//   - Dates: created_at when it was begun, updated_at when it last grew, was sealed or removed.
package file
