package org.svcshare.proxy;

import java.nio.ByteBuffer;
import java.util.Map;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.ReplicaNote;
import org.svcshare.replica.Replication;

/// Brings the replicas to where a log says that they are: the image first, if there is one, then
/// what comes behind.
final class Restoring {
    private final Replication replication;
    private final WriteDesk desk;
    private final Map<Long, String> spooled;

    /// Changes and notes up to here are in the image.
    private long imageAt;

    /// @param spooled gets the names of bodies in files, by the position of their write
    Restoring(Replication replication, WriteDesk desk, Map<Long, String> spooled) {
        this.replication = replication;
        this.desk = desk;
        this.spooled = spooled;
    }

    long imageAt() {
        return imageAt;
    }

    /// @throws IllegalArgumentException when it is none
    void image(ByteBuffer image) {
        ReplicaNote.Image all = Images.read(image, desk.keys());
        desk.restoreKeys();
        imageAt = all.at();
        replication.restore(all);
    }

    void entry(long position, RecordCodec.Entry entry) {
        switch (entry) {
            case RecordCodec.Entry.Write(WriteRequest request) -> write(position, request);
            case RecordCodec.Entry.Change(NodeChange change) -> {
                if (position > imageAt) {
                    replication.restoreChange(change, position);
                }
            }
            case RecordCodec.Entry.Note(ReplicaNote note) -> {
                if (note instanceof ReplicaNote.Agreed(long of, int status)) {
                    desk.restoreOutcome(of, status);
                }
                if (position > imageAt) {
                    replication.restore(note);
                }
            }
        }
    }

    private void write(long position, WriteRequest request) {
        replication.restoreWrite(position, request.sizeBytes(), request.atMs());
        request.file().ifPresent(file -> spooled.put(position, file));
        desk.restoreWrite(position, request);
    }
}
