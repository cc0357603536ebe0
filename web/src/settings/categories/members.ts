/** Who belongs to a department: those with a post in it. Pure. */
import type { Category, Post, StaffFile } from "@/api";

export interface Member {
  member: StaffFile;
  post: Post;
}

export function membersOf(staff: readonly StaffFile[], department: string): Member[] {
  return staff.flatMap((member) => member.posts.filter((post) => post.department === department).map((post) => ({ member, post })));
}

/** The categories that are for it, in order; those that keep it from being closed first. */
export function categoriesOf(categories: readonly Category[], department: string): Category[] {
  const of = categories.filter((one) => one.department === department);
  return [...of.filter(({ active }) => active), ...of.filter(({ active }) => !active)];
}
