package org.svcshare.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;

/// Signals of the operating system.
///
/// By `sun.misc.Signal`, which the module `jdk.unsupported` exports: a shutdown hook hears neither
/// which signal it was nor a second one. By reflection, since the compiler warns of that class in a
/// way that cannot be switched off for one line.
final class OsSignal {
    private OsSignal() {}

    /// @param name without `SIG`
    /// @param told hears the signal's number, on a thread of its own
    /// @return false when this system has no such signal or the JVM keeps it for itself; when it is
    ///   ignored, as under nohup, it stays so
    static boolean on(String name, IntConsumer told) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object of = signal.getConstructor(String.class).newInstance(name);
            int number = (int) signal.getMethod("getNumber").invoke(of);
            InvocationHandler calls =
                    (proxy, method, args) ->
                            switch (method.getName()) {
                                case "handle" -> {
                                    told.accept(number);
                                    yield null;
                                }
                                case "equals" ->
                                        args != null
                                                && System.identityHashCode(proxy)
                                                        == System.identityHashCode(args[0]);
                                case "hashCode" -> System.identityHashCode(proxy);
                                default -> "SIG" + name;
                            };
            Object listener =
                    Proxy.newProxyInstance(
                            OsSignal.class.getClassLoader(), new Class<?>[] {handler}, calls);
            var handle = signal.getMethod("handle", signal, handler);
            Object before = handle.invoke(null, of, listener);
            Object ignored = handler.getField("SIG_IGN").get(null);
            if (ignored.equals(before)) {
                handle.invoke(null, of, ignored);
            }
            return true;
        } catch (ReflectiveOperationException | IllegalArgumentException _) {
            return false;
        }
    }
}
