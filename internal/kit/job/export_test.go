package job

// Die ends the sign of life of this process as kill -9 does: the file stays, the lock is gone.
func (s *Service) Die() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.alive.file.Close()
	s.alive = nil
}
