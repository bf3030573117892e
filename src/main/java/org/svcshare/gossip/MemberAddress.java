package org.svcshare.gossip;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jgroups.Address;
import org.jgroups.stack.IpAddress;
import org.jgroups.util.Bits;
import org.jgroups.util.ExtendedUUID;
import org.jspecify.annotations.Nullable;

/// Who a member is and where. It travels in the member's address, so that whoever sees a view knows
/// at once who is in it and how to reach them: nobody has to ask around for it.
///
/// @param name 1 to 60 letters, digits and `._-`
/// @param id 16 hexadecimal digits, kept over restarts
/// @param incarnation milliseconds since 1970 at which it was started; grows with every start
/// @param version of the program, at most 40 characters
/// @param at where it is reached
record MemberAddress(String name, String id, long incarnation, String version, IpAddress at) {
    static final int MAX_NAME_CHARS = 64;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1," + MAX_NAME_CHARS + "}");
    private static final Pattern ID = Pattern.compile("[0-9a-f]{16}");
    private static final Pattern VERSION = Pattern.compile("[\\x21-\\x7e]{0,40}");

    Address address() {
        byte[] started = new byte[Long.BYTES];
        Bits.writeLong(incarnation, started, 0);
        return ExtendedUUID.randomUUID(name)
                .put("n", name.getBytes(UTF_8))
                .put("i", id.getBytes(UTF_8))
                .put("t", started)
                .put("v", version.getBytes(UTF_8))
                .put("a", place());
    }

    /// The bytes of the address, and two of the port behind them.
    private byte[] place() {
        byte[] host = at.getIpAddress().getAddress();
        return ByteBuffer.allocate(host.length + Short.BYTES)
                .put(host)
                .putShort((short) at.getPort())
                .array();
    }

    private static Optional<IpAddress> place(byte @Nullable [] bytes) {
        if (bytes == null || bytes.length < Short.BYTES) {
            return Optional.empty();
        }
        int port = Short.toUnsignedInt(ByteBuffer.wrap(bytes).getShort(bytes.length - Short.BYTES));
        try {
            return Optional.of(
                    new IpAddress(
                            InetAddress.getByAddress(
                                    Arrays.copyOf(bytes, bytes.length - Short.BYTES)),
                            port));
        } catch (UnknownHostException _) {
            // Neither four bytes nor sixteen.
            return Optional.empty();
        }
    }

    /// Where a member is reached.
    ///
    /// @return null when it is no member of ours
    static @Nullable IpAddress whereIs(Address address) {
        return address instanceof ExtendedUUID uuid ? place(uuid.get("a")).orElse(null) : null;
    }

    /// @return empty when it is no member of ours
    static Optional<MemberAddress> of(Address address) {
        if (!(address instanceof ExtendedUUID uuid)) {
            return Optional.empty();
        }
        byte[] started = uuid.get("t");
        String name = text(uuid, "n");
        String id = text(uuid, "i");
        String version = text(uuid, "v");
        IpAddress at = whereIs(address);
        if (at == null || started == null) {
            return Optional.empty();
        }
        boolean fine =
                started.length == Long.BYTES
                        && NAME.matcher(name).matches()
                        && ID.matcher(id).matches()
                        && VERSION.matcher(version).matches();
        return fine
                ? Optional.of(new MemberAddress(name, id, Bits.readLong(started, 0), version, at))
                : Optional.empty();
    }

    private static String text(ExtendedUUID uuid, String key) {
        byte[] bytes = uuid.get(key);
        return bytes == null ? "" : new String(bytes, UTF_8);
    }

    /// A shorter version where it is too long, and none where it cannot travel.
    static String fit(String version) {
        String cut = version.length() > 40 ? version.substring(0, 40) : version;
        return VERSION.matcher(cut).matches() ? cut : "";
    }
}
