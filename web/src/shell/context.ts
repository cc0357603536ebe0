/** A value that a page provides once and its parts use, typed and never missing. */
import { inject, type InjectionKey, provide } from "vue";

export function context<T>(name: string): [give: (value: T) => T, use: () => T] {
  const key: InjectionKey<T> = Symbol(name);
  return [
    (value) => {
      provide(key, value);
      return value;
    },
    () => {
      const value = inject(key);
      if (value === undefined) throw new Error(`${name} is used outside the page that provides it`);
      return value;
    },
  ];
}
