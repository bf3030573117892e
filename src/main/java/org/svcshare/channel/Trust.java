package org.svcshare.channel;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.PeerSettings;
import org.svcshare.config.Secret;
import org.svcshare.turn.Casemapping;
import org.svcshare.turn.PeerMessage;

/// Who is believed: signs our messages of generation 2 and judges those of others.
///
/// A HELLO ties a nick to a boot id; everything else is checked against that boot id and must carry
/// a counter above the last one. A HELLO itself counts as fresh when it was signed after we came
/// into the channel, or when it answers us, which its code proves by covering our own boot id; so
/// nothing recorded before we came, or before we were restarted, is believed again.
///
/// Not thread-safe; the channel's loop owns it. Time comes in as an argument.
///
/// Source: docs/peer-protocol.md, "Who is believed"; HMAC: RFC 2104.
public final class Trust {
    /// How far a sender's clock may be from ours, and how long a message is good.
    static final Duration WINDOW = Duration.ofMinutes(2);

    private static final int MAX_BOOTS = 1024;
    private static final int CODE_BYTES = 16;

    private final List<Key> keys;
    private final boolean signedOnly;
    private final String bootId;
    private Place place = new Place("", "", Casemapping.RFC1459);
    private String ownNick = "";
    private Instant joinedAt = Instant.MIN;
    private long lastOwnCounter;

    /// Boot id by folded nick, of those that proved themselves since we joined.
    private final Map<String, String> bootByNick = new HashMap<>();

    /// The highest counter seen by boot id; outlives the peer's leaving, so that a recording does
    /// not become fresh by it.
    private final LinkedHashMap<String, Long> lastByBoot =
            new LinkedHashMap<>(64, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
                    return size() > MAX_BOOTS;
                }
            };

    private record Key(String id, SecretKeySpec secret) {}

    /// Where a message belongs; it is not believed anywhere else.
    ///
    /// @param network the `NETWORK` token of ISUPPORT, empty if the server has none; `gossip` in a
    ///   group of members
    /// @param channel the people's channel, also for what goes privately or over a bots' channel;
    ///   in a group of members its name
    public record Place(String network, String channel, Casemapping casemapping) {}

    /// What to do with a message.
    public sealed interface Verdict {
        record Believed() implements Verdict {}

        /// @param reason one of a few fixed words, fit for a counter's label
        record Rejected(String reason) implements Verdict {}

        /// A well signed HELLO of which we cannot know whether it is a recording. Saying HELLO to
        /// the channel makes its sender, if it is there, answer in a way that proves it.
        record Doubtful() implements Verdict {}
    }

    /// @param bootId our own, new at every start of the process
    public Trust(PeerSettings settings, String bootId) {
        this.keys = settings.secrets().stream().map(Trust::key).toList();
        this.signedOnly = settings.signedOnly();
        this.bootId = bootId;
    }

    /// Whether our messages are signed.
    public boolean signs() {
        return !keys.isEmpty();
    }

    /// We are in the channel, for the first time or again: everybody has to say HELLO anew.
    public void joined(Place place, String ownNick, Instant now) {
        this.place = place;
        this.ownNick = ownNick;
        this.joinedAt = now.truncatedTo(ChronoUnit.MILLIS);
        bootByNick.clear();
    }

    /// Somebody left the channel; who takes the nick next is somebody else.
    public void left(String nick) {
        bootByNick.remove(fold(nick));
    }

    /// Somebody's nick changed, ours included. The new name's former owner, if any, is gone.
    public void renamed(String from, String to) {
        if (place.casemapping().same(from, ownNick)) {
            ownNick = to;
            return;
        }
        String boot = bootByNick.remove(fold(from));
        bootByNick.remove(fold(to));
        if (boot != null) {
            bootByNick.put(fold(to), boot);
        }
    }

    /// Whether what we sign for this one alone can be believed there: its HELLO was.
    public boolean knows(String nick) {
        return bootByNick.containsKey(fold(nick));
    }

    /// Signs with the first secret.
    ///
    /// @param to the nick it goes to privately, null for the channel
    /// @return null when the group has no secret
    public Decoded.@Nullable Seal seal(@Nullable String to, int type, String payload, Instant now) {
        if (keys.isEmpty()) {
            return null;
        }
        lastOwnCounter = Math.max(lastOwnCounter + 1, now.toEpochMilli());
        String toBoot = to == null ? "" : bootByNick.getOrDefault(fold(to), "");
        Key key = keys.getFirst();
        return new Decoded.Seal(
                key.id(),
                lastOwnCounter,
                code(
                        key,
                        ownNick,
                        bootId,
                        to == null ? "" : to,
                        toBoot,
                        type,
                        payload,
                        lastOwnCounter));
    }

    /// Judges a message that was decoded. A nick that is not in the channel must not get here.
    ///
    /// @param direct whether it came privately
    public Verdict judge(String from, boolean direct, Decoded.Message heard, Instant now) {
        Decoded.Envelope envelope = heard.envelope();
        if (envelope == null) {
            return signedOnly ? new Verdict.Rejected("unsigned") : new Verdict.Believed();
        }
        Decoded.Seal seal = envelope.seal();
        if (seal == null || keys.isEmpty()) {
            return unsigned(from, seal != null);
        }
        Key key = keys.stream().filter(k -> k.id().equals(seal.keyId())).findFirst().orElse(null);
        if (key == null) {
            return new Verdict.Rejected("unknown-key");
        }
        String known = bootByNick.get(fold(from));
        String boot = heard.message() instanceof PeerMessage.Hello hello ? hello.bootId() : known;
        if (boot == null) {
            return new Verdict.Rejected("unknown-sender");
        }
        String expected =
                code(
                        key,
                        from,
                        boot,
                        direct ? ownNick : "",
                        direct ? bootId : "",
                        envelope.type(),
                        envelope.payload(),
                        seal.counter());
        if (!MessageDigest.isEqual(expected.getBytes(UTF_8), seal.code().getBytes(UTF_8))) {
            return new Verdict.Rejected("bad-code");
        }
        Duration age = Duration.between(Instant.ofEpochMilli(seal.counter()), now);
        if (age.abs().compareTo(WINDOW) > 0) {
            return new Verdict.Rejected("out-of-window");
        }
        if (seal.counter() <= lastByBoot.getOrDefault(boot, Long.MIN_VALUE)) {
            return new Verdict.Rejected("replayed");
        }
        boolean fresh =
                boot.equals(known)
                        || direct
                        || !Instant.ofEpochMilli(seal.counter()).isBefore(joinedAt);
        if (!fresh) {
            return new Verdict.Doubtful();
        }
        lastByBoot.put(boot, seal.counter());
        bootByNick.put(fold(from), boot);
        return new Verdict.Believed();
    }

    /// Without a code, or with one that we have no secret for.
    private Verdict unsigned(String from, boolean sealed) {
        if (signedOnly) {
            return new Verdict.Rejected(sealed ? "unknown-key" : "unsigned");
        }
        // Leaving the code out must not be a way to speak for somebody who signs.
        return bootByNick.containsKey(fold(from))
                ? new Verdict.Rejected("unsigned-from-signer")
                : new Verdict.Believed();
    }

    private String fold(String nick) {
        return place.casemapping().fold(nick);
    }

    private String code(
            Key key,
            String sender,
            String senderBoot,
            String to,
            String toBoot,
            int type,
            String payload,
            long counter) {
        var covered = new ByteArrayOutputStream();
        for (String field :
                List.of(
                        "svcshare 2",
                        place.network(),
                        fold(place.channel()),
                        fold(sender),
                        senderBoot,
                        fold(to),
                        toBoot,
                        Integer.toString(type),
                        payload,
                        Long.toString(counter))) {
            // Lengths keep two neighbours from trading characters.
            byte[] bytes = field.getBytes(UTF_8);
            covered.writeBytes(ByteBuffer.allocate(4).putInt(bytes.length).array());
            covered.writeBytes(bytes);
        }
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key.secret());
            return base64(mac.doFinal(covered.toByteArray()), CODE_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256", e);
        }
    }

    private static Key key(Secret secret) {
        try {
            byte[] bytes = secret.revealBytes();
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update("svcshare key id\0".getBytes(UTF_8));
            return new Key(base64(digest.digest(bytes), 3), new SecretKeySpec(bytes, "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("SHA-256", e);
        }
    }

    private static String base64(byte[] bytes, int length) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(bytes, length));
    }
}
