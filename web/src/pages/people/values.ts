/** apps/server/api/values_people.h */
export interface User {
  name: string;
  roles: string[];
  created: string;
  seen: string;
  sessions: number;
}
export interface Invitation {
  id: string;
  role: string;
  film: string;
  cue: string;
  name: string;
  created_by: string;
  created: string;
  expires: string;
  uses: number;
  used: number;
  withdrawn: boolean;
}
export interface AuditEntry {
  id: number;
  time: string;
  who: string;
  peer: string;
  what: string;
  status: number;
  more: number;
}
export const kAccountRoles = ['owner', 'dialogue', 'adr', 'design', 'foley', 'music', 'mix', 'director', 'viewer'] as const;
export const kLinkRoles = ['actor', ...kAccountRoles] as const;
