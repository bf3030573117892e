package org.svcshare.demo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the copies of an application have, beside what their clients were told.
///
/// @param writes how many each copy did
/// @param items how many each copy has
/// @param missing acknowledged writes that a copy lacks
/// @param doubled writes that a copy did more than once
/// @param equal whether all did the same in the same order, and have the same
record Comparison(
        List<Integer> writes, List<Integer> items, int missing, int doubled, boolean equal) {
    /// Nobody has looked.
    static final Comparison NONE = new Comparison(List.of(), List.of(), 0, 0, false);

    /// One copy.
    ///
    /// @param log its `/log`
    /// @param items its `/items`
    record Found(String log, String items) {}

    /// Asks each copy. One that does not answer is not equal to the others.
    ///
    /// @param acknowledged the keys of writes that somebody relies on
    static Comparison of(List<SampleProcess> copies, List<String> acknowledged)
            throws InterruptedException {
        var found = new ArrayList<Found>();
        for (SampleProcess copy : copies) {
            found.add(new Found(copy.get("/log").orElse("[]"), copy.get("/items").orElse("{}")));
        }
        return among(found, acknowledged);
    }

    static Comparison among(List<Found> found, List<String> acknowledged) {
        var writes = new ArrayList<Integer>();
        var items = new ArrayList<Integer>();
        int missing = 0;
        int doubled = 0;
        for (Found copy : found) {
            JsonNode log = JsonMapper.shared().readTree(copy.log());
            Map<String, Integer> done = new HashMap<>();
            for (JsonNode write : log) {
                done.merge(write.path("key").asString(""), 1, Integer::sum);
            }
            missing += (int) acknowledged.stream().filter(key -> !done.containsKey(key)).count();
            doubled += (int) done.values().stream().filter(times -> times > 1).count();
            writes.add(log.size());
            items.add(JsonMapper.shared().readTree(copy.items()).size());
        }
        return new Comparison(
                List.copyOf(writes),
                List.copyOf(items),
                missing,
                doubled,
                found.stream().distinct().count() == 1);
    }

    /// Whether nothing is wrong.
    boolean good() {
        return equal && missing == 0 && doubled == 0;
    }
}
