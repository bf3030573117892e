package org.svcshare.gossip;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.svcshare.store.Entry;
import org.svcshare.store.StoreMessage;
import org.svcshare.store.Value;
import org.svcshare.store.Version;

/// Frames to bytes and back.
///
/// The first byte is the format's version, the second the kind. Numbers are big-endian; texts and
/// values have their length before them, in two bytes or four. What comes in is bounded and checked
/// in all its parts before anything is made of it; a kind that is not known is not a mistake, since
/// a newer member may have sent it. Stateless.
final class FrameCodec {
    static final int VERSION = 1;

    private static final int STORE_ENTRIES = 1;
    private static final int STORE_DIGEST = 2;
    private static final int STORE_MARKS = 3;
    private static final int STORE_WANTED = 4;
    private static final int STORE_RUMOUR = 5;
    private static final int TALK = 16;
    private static final int CALL = 17;
    private static final int ASK = 18;
    private static final int ANSWER = 19;
    private static final int FORGET = 20;
    private static final int BYE = 21;
    private static final int FAREWELL = 22;
    private static final int APART = 23;

    private static final Pattern ID = Pattern.compile("[0-9a-f]{16}");
    private static final int ID_BYTES = 16;

    /// What bytes turned out to be.
    sealed interface Read {
        record Good(Frame frame) implements Read {}

        /// @param reason one of a few fixed words, fit for a counter's label
        record Bad(String reason) implements Read {}
    }

    private static final class Unfit extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unfit(String reason) {
            super(reason, null, false, false);
        }
    }

    byte[] write(Frame frame) {
        var bytes = new ByteArrayOutputStream(64);
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            switch (frame) {
                case Frame.OfStore(StoreMessage message) -> store(out, message);
                case Frame.Talk(String text, boolean direct) -> {
                    text(out, TALK, text);
                    out.writeBoolean(direct);
                }
                case Frame.Call(String name, Value payload) -> {
                    text(out, CALL, name);
                    value(out, payload);
                }
                case Frame.Ask(long question, String name, Value payload) -> {
                    text(out, ASK, name);
                    out.writeLong(question);
                    value(out, payload);
                }
                case Frame.Answer(long question, Value payload) -> {
                    out.writeByte(ANSWER);
                    out.writeLong(question);
                    value(out, payload);
                }
                case Frame.Forget(String id) -> {
                    out.writeByte(FORGET);
                    id(out, id);
                }
                case Frame.Bye() -> out.writeByte(BYE);
                case Frame.Farewell() -> out.writeByte(FAREWELL);
                case Frame.Apart() -> out.writeByte(APART);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void store(DataOutputStream out, StoreMessage message) throws IOException {
        switch (message) {
            case StoreMessage.Entries(List<Entry> entries) -> {
                out.writeByte(STORE_ENTRIES);
                out.writeInt(entries.size());
                for (Entry entry : entries) {
                    entry(out, entry);
                }
            }
            case StoreMessage.Digest(long round, List<Long> hashes, Map<String, Long> known) -> {
                out.writeByte(STORE_DIGEST);
                out.writeLong(round);
                for (long hash : hashes) {
                    out.writeLong(hash);
                }
                out.writeInt(known.size());
                for (var seen : known.entrySet()) {
                    id(out, seen.getKey());
                    out.writeLong(seen.getValue());
                }
            }
            case StoreMessage.Marks marks -> {
                out.writeByte(STORE_MARKS);
                out.writeLong(marks.round());
                out.writeInt(marks.ranges().size());
                for (int range : marks.ranges()) {
                    out.writeByte(range);
                }
                text(out, marks.from());
                text(out, marks.to());
                marks(out, marks.marks());
                out.writeBoolean(marks.answer());
            }
            case StoreMessage.Wanted(List<String> keys) -> {
                out.writeByte(STORE_WANTED);
                out.writeInt(keys.size());
                for (String key : keys) {
                    text(out, key);
                }
            }
            case StoreMessage.Rumour(List<StoreMessage.Mark> marks) -> {
                out.writeByte(STORE_RUMOUR);
                marks(out, marks);
            }
        }
    }

    /// Also how entries are kept on the disk.
    static void entry(DataOutputStream out, Entry entry) throws IOException {
        text(out, entry.key());
        version(out, entry.version());
        out.writeLong(entry.expiresMs());
        Value value = entry.value();
        out.writeBoolean(value != null);
        if (value != null) {
            value(out, value);
        }
    }

    private static void marks(DataOutputStream out, List<StoreMessage.Mark> marks)
            throws IOException {
        out.writeInt(marks.size());
        for (StoreMessage.Mark mark : marks) {
            text(out, mark.key());
            version(out, mark.version());
        }
    }

    private static void version(DataOutputStream out, Version version) throws IOException {
        out.writeLong(version.stamp());
        id(out, version.writer());
    }

    static void id(DataOutputStream out, String id) throws IOException {
        out.writeLong(Long.parseUnsignedLong(id, ID_BYTES));
    }

    private static void text(DataOutputStream out, int kind, String text) throws IOException {
        out.writeByte(kind);
        text(out, text);
    }

    static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    private static void value(DataOutputStream out, Value value) throws IOException {
        out.writeInt(value.sizeBytes());
        out.write(value.bytes());
    }

    Read read(byte[] bytes, int offset, int length) {
        var in = ByteBuffer.wrap(bytes, offset, length);
        try {
            if (in.remaining() < 2) {
                return new Read.Bad("too-short");
            }
            if (in.get() != VERSION) {
                return new Read.Bad("unknown-format");
            }
            Frame frame = frame(in);
            if (in.hasRemaining()) {
                return new Read.Bad("too-long");
            }
            return new Read.Good(frame);
        } catch (BufferUnderflowException _) {
            return new Read.Bad("cut-off");
        } catch (Unfit unfit) {
            return new Read.Bad(String.valueOf(unfit.getMessage()));
        } catch (IllegalArgumentException _) {
            return new Read.Bad("out-of-range");
        }
    }

    private static Frame frame(ByteBuffer in) {
        int kind = in.get();
        return switch (kind) {
            case STORE_ENTRIES -> new Frame.OfStore(new StoreMessage.Entries(entries(in)));
            case STORE_DIGEST -> new Frame.OfStore(digest(in));
            case STORE_MARKS -> new Frame.OfStore(someMarks(in));
            case STORE_WANTED -> new Frame.OfStore(new StoreMessage.Wanted(wanted(in)));
            case STORE_RUMOUR -> new Frame.OfStore(new StoreMessage.Rumour(marks(in)));
            case TALK -> new Frame.Talk(text(in, Frame.MAX_TALK_BYTES), flag(in));
            case CALL -> new Frame.Call(name(in), value(in, Frame.MAX_PAYLOAD_BYTES));
            case ASK -> {
                String name = name(in);
                yield new Frame.Ask(in.getLong(), name, value(in, Frame.MAX_PAYLOAD_BYTES));
            }
            case ANSWER -> new Frame.Answer(in.getLong(), value(in, Frame.MAX_PAYLOAD_BYTES));
            case FORGET -> new Frame.Forget(id(in));
            case BYE -> new Frame.Bye();
            case FAREWELL -> new Frame.Farewell();
            case APART -> new Frame.Apart();
            default -> throw new Unfit("unknown-kind");
        };
    }

    private static List<Entry> entries(ByteBuffer in) {
        int count = count(in, StoreMessage.MAX_ENTRIES);
        var entries = new ArrayList<Entry>(count);
        for (int i = 0; i < count; i++) {
            entries.add(entry(in));
        }
        return entries;
    }

    /// @throws IllegalArgumentException when it is none
    static Entry entry(ByteBuffer in) {
        String key = text(in, Entry.MAX_KEY_BYTES);
        Version version = version(in);
        long expiresMs = in.getLong();
        boolean live = flag(in);
        return new Entry(key, live ? value(in, Entry.MAX_VALUE_BYTES) : null, version, expiresMs);
    }

    private static StoreMessage.Digest digest(ByteBuffer in) {
        long round = in.getLong();
        var hashes = new ArrayList<Long>(StoreMessage.RANGES);
        for (int i = 0; i < StoreMessage.RANGES; i++) {
            hashes.add(in.getLong());
        }
        int count = count(in, StoreMessage.MAX_KNOWN);
        var known = new LinkedHashMap<String, Long>();
        for (int i = 0; i < count; i++) {
            known.put(id(in), stamp(in));
        }
        return new StoreMessage.Digest(round, hashes, known);
    }

    private static StoreMessage.Marks someMarks(ByteBuffer in) {
        long round = in.getLong();
        int count = count(in, StoreMessage.RANGES);
        var ranges = new ArrayList<Integer>(count);
        for (int i = 0; i < count; i++) {
            ranges.add(Byte.toUnsignedInt(in.get()));
        }
        String from = text(in, Entry.MAX_KEY_BYTES);
        String to = text(in, Entry.MAX_KEY_BYTES);
        List<StoreMessage.Mark> marks = marks(in);
        return new StoreMessage.Marks(round, ranges, from, to, marks, flag(in));
    }

    private static List<String> wanted(ByteBuffer in) {
        int count = count(in, StoreMessage.MAX_MARKS);
        var keys = new ArrayList<String>(count);
        for (int i = 0; i < count; i++) {
            keys.add(key(in));
        }
        return keys;
    }

    private static List<StoreMessage.Mark> marks(ByteBuffer in) {
        int count = count(in, StoreMessage.MAX_MARKS);
        var marks = new ArrayList<StoreMessage.Mark>(count);
        for (int i = 0; i < count; i++) {
            marks.add(new StoreMessage.Mark(key(in), version(in)));
        }
        return marks;
    }

    private static String key(ByteBuffer in) {
        String key = text(in, Entry.MAX_KEY_BYTES);
        if (!Entry.problem(key).isEmpty()) {
            throw new Unfit("bad-key");
        }
        return key;
    }

    private static String name(ByteBuffer in) {
        String name = text(in, Frame.MAX_PAYLOAD_BYTES);
        if (!Frame.NAME.matcher(name).matches()) {
            throw new Unfit("bad-name");
        }
        return name;
    }

    private static Version version(ByteBuffer in) {
        long stamp = in.getLong();
        return new Version(stamp, id(in));
    }

    static String id(ByteBuffer in) {
        String id = "%016x".formatted(in.getLong());
        if (!ID.matcher(id).matches()) {
            throw new Unfit("bad-id");
        }
        return id;
    }

    static long stamp(ByteBuffer in) {
        long stamp = in.getLong();
        if (stamp < 0) {
            throw new Unfit("out-of-range");
        }
        return stamp;
    }

    private static boolean flag(ByteBuffer in) {
        return switch (in.get()) {
            case 0 -> false;
            case 1 -> true;
            default -> throw new Unfit("out-of-range");
        };
    }

    private static int count(ByteBuffer in, int most) {
        int count = in.getInt();
        if (count < 0 || count > most) {
            throw new Unfit("too-many");
        }
        return count;
    }

    static String text(ByteBuffer in, int mostBytes) {
        int length = Short.toUnsignedInt(in.getShort());
        if (length > mostBytes) {
            throw new Unfit("too-long");
        }
        ByteBuffer bytes = slice(in, length);
        try {
            return UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException _) {
            throw new Unfit("not-utf8");
        }
    }

    private static Value value(ByteBuffer in, int mostBytes) {
        int length = in.getInt();
        if (length < 0 || length > mostBytes) {
            throw new Unfit("too-long");
        }
        byte[] bytes = new byte[slice(in, length).remaining()];
        in.get(in.position() - length, bytes);
        return Value.of(bytes);
    }

    private static ByteBuffer slice(ByteBuffer in, int length) {
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        ByteBuffer part = in.slice(in.position(), length);
        in.position(in.position() + length);
        return part;
    }
}
