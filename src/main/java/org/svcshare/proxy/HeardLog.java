package org.svcshare.proxy;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The log of writes as those follow it who own the replicas: what is appended, and up to where
/// they have heard of it. For their thread, but for what is said to be for any.
final class HeardLog {
    private final WriteLog log;
    private long heard;

    HeardLog(WriteLog log) {
        this.log = log;
    }

    /// The last position in the log that the replicas have heard of.
    long heard() {
        return heard;
    }

    void heardUpTo(long position) {
        heard = Math.max(heard, position);
    }

    /// Appends a record. Any thread.
    ///
    /// @param then is told what became of it, on the owner's thread
    /// @return false when there is no room for another one now
    boolean append(byte[] record, Consumer<WriteLog.Entry> then) {
        return log.append(
                new WriteLog.Entry(record) {
                    @Override
                    void over() {
                        if (failure() == null) {
                            heard = position();
                        }
                        then.accept(this);
                    }
                });
    }

    /// Why nothing more can be written; null while it can. Any thread.
    @Nullable String trouble() {
        return log.trouble();
    }
}
