package org.svcshare.sim;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How many objects of ours and entries of collections something holds on to: the measure of a
/// state that outsiders must not be able to grow.
final class KeeperSize {
    private KeeperSize() {}

    static int of(Object root) {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Object> open = new ArrayDeque<>();
        open.add(root);
        while (!open.isEmpty()) {
            Object next = open.remove();
            if (!seen.add(next)) {
                continue;
            }
            if (next instanceof Collection<?> many) {
                many.forEach(item -> push(open, item));
            } else if (next instanceof Map<?, ?> map) {
                map.forEach((key, value) -> {
                    push(open, key);
                    push(open, value);
                });
            } else if (next.getClass().getName().startsWith("org.svcshare.turn.")) {
                fields(open, next);
            }
        }
        return seen.size();
    }

    private static void fields(Deque<Object> open, Object owner) {
        for (Field field : owner.getClass().getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) || field.getType().isPrimitive()) {
                continue;
            }
            try {
                field.setAccessible(true);
                push(open, field.get(owner));
            } catch (IllegalAccessException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static void push(Deque<Object> open, @Nullable Object value) {
        if (value != null) {
            open.add(value);
        }
    }
}
