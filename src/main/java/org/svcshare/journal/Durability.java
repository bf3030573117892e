package org.svcshare.journal;

/// What [Journal#sync] waits for.
public enum Durability {
    /// The disk: what was synced survives the kill of the process and a power cut.
    FSYNC,

    /// The operating system: what was synced survives the kill of the process. A power cut may take
    /// the end of the log, at most what lies in the segment that is being written; it never leaves
    /// a hole.
    OS
}
