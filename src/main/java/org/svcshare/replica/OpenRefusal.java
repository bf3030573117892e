package org.svcshare.replica;

/// A node has refused a write, and the log did not say yet what follows.
///
/// @param since which node ([Replication#marks])
/// @param digest of the answer's body where bodies are compared; 0 otherwise
public record OpenRefusal(long since, long position, int status, long digest) {}
