package org.svcshare.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import org.svcshare.replica.ReplicaNote;

/// How all that is known is written down in one piece: the replicas, then the idempotency keys.
final class Images {
    private Images() {}

    static byte[] write(ReplicaNote.Image image, KeyTable keys) {
        byte[] first = RecordCodec.note(image);
        int[] size = {4 + first.length + 4};
        int[] count = {0};
        keys.each((key, known) -> {
            if (known.position != 0) {
                size[0] += 4 + key.getBytes(UTF_8).length + 36;
                count[0]++;
            }
        });
        ByteBuffer out = ByteBuffer.allocate(size[0]).putInt(first.length).put(first);
        out.putInt(count[0]);
        keys.each((key, known) -> {
            if (known.position != 0) {
                byte[] text = key.getBytes(UTF_8);
                out.putInt(text.length).put(text);
                out.putLong(known.fingerprint)
                        .putLong(known.tag)
                        .putLong(known.atMs)
                        .putLong(known.position)
                        .putInt(known.status);
            }
        });
        return out.array();
    }

    static ReplicaNote.Image read(ByteBuffer written, KeyTable keys) {
        int length = written.getInt();
        ByteBuffer first = written.slice(written.position(), length);
        written.position(written.position() + length);
        for (int left = written.getInt(); left > 0; left--) {
            byte[] text = new byte[written.getInt()];
            written.get(text);
            var known = new KeyTable.Known(written.getLong(), written.getLong(), written.getLong());
            known.position = written.getLong();
            known.status = written.getInt();
            keys.add(new String(text, UTF_8), known);
        }
        if (RecordCodec.read(first) instanceof RecordCodec.Entry.Note(ReplicaNote.Image image)) {
            return image;
        }
        throw new IllegalArgumentException("no image");
    }
}
