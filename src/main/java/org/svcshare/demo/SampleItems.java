package org.svcshare.demo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// What the sample application keeps. The same writes in the same order make the same of it,
/// answers included, so that copies of it stay alike when they get the same writes.
///
/// Not thread-safe; the event loop of the application is the only caller.
final class SampleItems {
    static final String ROOT = "/items";
    static final int LONGEST_KEY = 255;
    private static final int MOST_WRITES = 1_000_000;
    private static final int LONGEST_VALUE = 16 * 1024 * 1024;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._~%-]{1,200}");

    private final SortedMap<String, String> items = new TreeMap<>();
    private final List<Applied> log = new ArrayList<>();
    private final Map<String, Answered> answered = new LinkedHashMap<>();
    private long lastNumber;

    /// A request to change something.
    ///
    /// @param target path and query
    /// @param onlyNew whether nothing may be there yet, which is `If-None-Match: *`
    /// @param key the `Idempotency-Key`; empty for none
    /// @param body its bytes, each as the character of the same number
    record Write(String method, String target, boolean onlyNew, String key, String body) {
        static Write of(String method, String target, boolean onlyNew, String key, byte[] body) {
            return new Write(method, target, onlyNew, key, new String(body, ISO_8859_1));
        }

        String path() {
            int query = target.indexOf('?');
            return query < 0 ? target : target.substring(0, query);
        }

        String digest() {
            try {
                return HexFormat.of()
                        .formatHex(
                                MessageDigest.getInstance("SHA-256")
                                        .digest(body.getBytes(ISO_8859_1)));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /// What is said to it.
    ///
    /// @param location of what was made; empty when there is nothing to say
    record Answer(int status, String location, String text) {
        Answer(int status, String text) {
            this(status, "", text);
        }
    }

    /// A write that changed something.
    ///
    /// @param digest SHA-256 of the body, in hexadecimal digits
    /// @param key the `Idempotency-Key`; empty for none
    record Applied(String method, String path, String digest, String key) {}

    private record Answered(String method, String target, String digest, Answer answer) {}

    /// Whether a write with this key was answered before.
    boolean knows(String key) {
        return answered.containsKey(key);
    }

    /// Does what is asked, or answers as before when it was done before.
    Answer apply(Write write) {
        String digest = write.digest();
        Answered before = answered.get(write.key());
        if (before != null) {
            boolean same =
                    before.method.equals(write.method())
                            && before.target.equals(write.target())
                            && before.digest.equals(digest);
            return same
                    ? before.answer
                    : new Answer(422, "this Idempotency-Key was used for another request");
        }
        Answer answer = change(write);
        if (answer.status() < 300) {
            log.add(new Applied(write.method(), write.target(), digest, write.key()));
        }
        if (!write.key().isEmpty()) {
            answered.put(write.key(), new Answered(write.method(), write.target(), digest, answer));
            if (answered.size() > MOST_WRITES) {
                answered.remove(answered.keySet().iterator().next());
            }
        }
        return answer;
    }

    private Answer change(Write write) {
        if (log.size() >= MOST_WRITES) {
            return new Answer(507, "it has taken as many writes as it can");
        }
        if (write.path().equals(ROOT)) {
            return write.method().equals("POST") ? add(write) : notAllowed();
        }
        Optional<String> name = name(write.path());
        if (name.isEmpty()) {
            return new Answer(404, "there is only " + ROOT + "/KEY");
        }
        return switch (write.method()) {
            case "PUT" -> put(name.get(), write);
            case "PATCH" -> append(name.get(), write);
            case "DELETE" -> items.remove(name.get()) == null ? missing() : new Answer(204, "");
            default -> notAllowed();
        };
    }

    private Answer add(Write write) {
        do {
            lastNumber++;
        } while (items.containsKey(Long.toString(lastNumber)));
        items.put(Long.toString(lastNumber), write.body());
        return new Answer(201, ROOT + "/" + lastNumber, Long.toString(lastNumber));
    }

    private Answer put(String name, Write write) {
        if (write.onlyNew() && items.containsKey(name)) {
            return new Answer(412, "it is there");
        }
        return items.put(name, write.body()) == null
                ? new Answer(201, ROOT + "/" + name, "made")
                : new Answer(200, "changed");
    }

    private Answer append(String name, Write write) {
        String before = items.get(name);
        if (before == null) {
            return missing();
        }
        if (before.length() + write.body().length() > LONGEST_VALUE) {
            return new Answer(413, "it would be longer than " + LONGEST_VALUE + " bytes");
        }
        items.put(name, before + write.body());
        return new Answer(200, "changed");
    }

    private static Answer missing() {
        return new Answer(404, "there is no such item");
    }

    static Answer notAllowed() {
        return new Answer(405, "not with this method");
    }

    /// The item that a path means; empty when it means none.
    static Optional<String> name(String path) {
        String start = ROOT + "/";
        return Optional.of(path)
                .filter(text -> text.startsWith(start))
                .map(text -> text.substring(start.length()))
                .filter(text -> NAME.matcher(text).matches());
    }

    /// The bytes of an item, each as the character of the same number.
    Optional<String> item(String name) {
        return Optional.ofNullable(items.get(name));
    }

    int size() {
        return items.size();
    }

    /// All items as text, by name.
    SortedMap<String, String> texts() {
        var texts = new TreeMap<String, String>();
        items.forEach(
                (name, bytes) -> texts.put(name, new String(bytes.getBytes(ISO_8859_1), UTF_8)));
        return texts;
    }

    /// Every write that changed something, in order.
    List<Applied> log() {
        return Collections.unmodifiableList(log);
    }
}
