package org.svcshare.gossip;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jgroups.Address;
import org.jgroups.util.Bits;
import org.jgroups.util.ExtendedUUID;

/// Who a member is. It travels in the member's address, so that whoever sees a view knows at once
/// who is in it.
///
/// @param name 1 to 60 letters, digits and `._-`
/// @param id 16 hexadecimal digits, kept over restarts
/// @param incarnation milliseconds since 1970 at which it was started; grows with every start
/// @param version of the program, at most 40 characters
record MemberAddress(String name, String id, long incarnation, String version) {
    static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern ID = Pattern.compile("[0-9a-f]{16}");
    private static final Pattern VERSION = Pattern.compile("[\\x21-\\x7e]{0,40}");

    Address address() {
        byte[] started = new byte[Long.BYTES];
        Bits.writeLong(incarnation, started, 0);
        return ExtendedUUID.randomUUID(name)
                .put("n", name.getBytes(UTF_8))
                .put("i", id.getBytes(UTF_8))
                .put("t", started)
                .put("v", version.getBytes(UTF_8));
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
        boolean fine =
                started != null
                        && started.length == Long.BYTES
                        && NAME.matcher(name).matches()
                        && ID.matcher(id).matches()
                        && VERSION.matcher(version).matches();
        return fine
                ? Optional.of(new MemberAddress(name, id, Bits.readLong(started, 0), version))
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
