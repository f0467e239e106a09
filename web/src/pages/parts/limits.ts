/** Ranges and meanings of fields as the engine declares them: the session's schema, written by the engine itself. */
import schema from '$schema/session.schema.json';

export interface FieldLimits {
  least: number;
  most: number;
  meaning: string;
}

interface Property {
  minimum?: number;
  maximum?: number;
  description?: string;
}

const definitions = schema.$defs as unknown as Record<string, { properties?: Record<string, Property> }>;

/** Throws on a field that there is not: a mistake of ours, met by the first test that shows it. */
export function limitsOf(type: string, field: string): FieldLimits {
  const property = definitions[type]?.properties?.[field];
  if (!property) throw new Error(`there is no field ${type}.${field}`);
  return { least: property.minimum ?? -Infinity, most: property.maximum ?? Infinity, meaning: property.description ?? '' };
}
