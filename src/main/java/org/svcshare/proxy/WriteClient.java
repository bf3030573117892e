package org.svcshare.proxy;

import org.jspecify.annotations.Nullable;
import org.svcshare.replica.Reply;

/// Who waits for the answer to a write. Called on the thread that owns the replicas, once.
interface WriteClient {
    /// What came of it.
    ///
    /// @param answer what the chosen node said; null where none was chosen, or where it is not
    ///   known any more
    void answered(Receipt receipt, Reply reply, @Nullable NodeAnswer answer);

    /// It was not taken; nothing was done.
    void refused(Refusal refusal);

    /// What a client is told of a write that is kept.
    ///
    /// @param id under which it may ask
    /// @param repeated whether this write was sent before, under the same key
    record Receipt(long position, String id, boolean repeated) {}
}
