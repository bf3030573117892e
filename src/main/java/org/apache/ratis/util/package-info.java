/// What Ratis does wrong, done right: classes that are found before its own of the same name.
@NullMarked
package org.apache.ratis.util;

import org.jspecify.annotations.NullMarked;
