"""An independent check that a file is GeoJSON as QuPath takes it (shared/reference/field.md, Conventions; what its readers of objects, classes and
geometries accept, give up at and make of it, read in the source of 0.4 to 0.7 and not copied). No code of Tessera's, nor of QuPath's."""

import gzip
import json
import math
import uuid


def no_doubles(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f'duplicate keys: {keys}'
    return dict(pairs)


def no_constant(name):
    raise AssertionError(f'{name} is not JSON')


def whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def check_polygon(geometry):
    assert set(geometry) == {'type', 'coordinates'} and geometry['type'] == 'Polygon', geometry
    assert len(geometry['coordinates']) >= 1, geometry
    for ring in geometry['coordinates']:
        assert len(ring) >= 4 and ring[0] == ring[-1], f'not closed: {ring}'
        assert all(len(p) == 2 and whole(p[0]) and whole(p[1]) for p in ring), f'not whole pixels: {ring}'
        area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:])) / 2
        assert area != 0, f'no area: {ring}'


def check_class(value):
    assert set(value) == {'name', 'color'}, value
    assert isinstance(value['name'], str) and value['name'], value
    color = value['color']
    assert len(color) == 3 and all(whole(c) and 0 <= c <= 255 for c in color), value


class Refused(AssertionError):
    """QuPath would give the whole file up."""


def need(truth, what):
    if not truth:
        raise Refused(what)


def primitive(value):
    """What Gson's getAsString takes: text, a number, a truth value; no null, no list, no object."""
    return isinstance(value, (str, int, float)) and value is not None


def qupath_class(value):
    """The parts of the class that QuPath 0.4 to 0.7 makes of a classification, and its colour; None: not classified. Written from what its reader
    does (PathClassTypeAdapter, PathClass.fromString), not from its code."""
    if value is None:
        return None
    if isinstance(value, str):
        name, color = value, None
    else:
        need(isinstance(value, dict), f'a classification that is {value!r}')
        if not value:
            return None
        need('color' in value and ('name' in value or 'names' in value), f'a classification without name or colour: {value}')
        color = value['color']
        need(isinstance(color, list) and len(color) in (0, 1, 3, 4) and all(whole(c) for c in color), f'a colour that is {color!r}')
        name = value.get('name')
        if name is None:
            parts = value.get('names') or []
            need(all(':' not in part for part in parts), f'a colon within a part: {parts}')
            name = ':'.join(parts)
        if not name:
            return None
    parts = name.split(':')
    while parts and not parts[-1]: # Java drops what is empty at the end
        parts.pop()
    parts = [part.strip() for part in parts]
    need(parts and all(parts), f'a class with an empty part: {name!r}')
    need(not any('\n' in part or '\r' in part for part in parts), f'a line break: {name!r}')
    return tuple(parts), tuple(color or ())


def qupath_geometry(value):
    need(isinstance(value, dict) and value.get('type') in ('Polygon', 'MultiPolygon', 'Point', 'MultiPoint', 'LineString', 'MultiLineString'),
         f'a geometry that is {value!r}')
    if value['type'] != 'Polygon':
        return
    for ring in value['coordinates']:
        need(all(len(point) >= 2 and all(isinstance(c, (int, float)) for c in point) for point in ring), f'points that are none: {ring}')
        need(len(ring) == 0 or (len(ring) >= 4 and ring[0][:2] == ring[-1][:2]), f'a ring that is not closed: {ring}')


def qupath_object(feature):
    """type, id (None: QuPath draws one), class, colour, name, whether locked, measurements: what QuPath makes of a feature, or Refused."""
    need(isinstance(feature, dict), 'a feature that is no object')
    need(primitive(feature.get('id', '')), 'an id that is no text')
    try:
        made = uuid.UUID(str(feature.get('id', '')))
    except ValueError:
        made = None
    need('geometry' in feature, 'no geometry')
    qupath_geometry(feature['geometry'])
    properties = feature.get('properties', {})
    need(isinstance(properties, dict), 'properties that are no object')
    for key in ('name', 'objectType', 'object_type', 'type'):
        need(key not in properties or primitive(properties[key]), f'{key} is {properties.get(key)!r}')
    kind = properties.get('objectType', properties.get('object_type', properties.get('type', 'unknown')))
    known = {'tile': 'tile', 'PathTileObject': 'tile', 'detection': 'detection', 'PathDetectionObject': 'detection', 'cell': 'cell',
             'PathCellObject': 'cell', 'tmaCore': 'tmaCore', 'root': 'root'}
    classified = qupath_class(properties.get('classification'))
    metadata = properties.get('metadata', {})
    need(isinstance(metadata, dict) and all(isinstance(v, str) for v in metadata.values()), f'metadata: {metadata}')
    measurements = properties.get('measurements', {})
    need(isinstance(measurements, dict) and all(isinstance(v, (int, float)) for v in measurements.values()), f'measurements: {measurements}')
    return {'type': known.get(kind, 'annotation'), 'id': made, 'class': classified and classified[0], 'color': classified and classified[1],
            'name': properties.get('name'), 'metadata': metadata, 'locked': properties.get('isLocked') is True, 'measurements': measurements}


def called(name):
    """What QuPath calls a class that Tessera calls so, where it can be called anything."""
    parts = [part.strip() for part in name.split(':') if part.strip()]
    return ': '.join(parts) if parts else name.replace(':', '-').strip()


def check_as_qupath(value):
    """What QuPath makes of each object is what is meant: kinds, ids, classes of one colour, rectangles."""
    colors = {}
    for feature in value['features']:
        made, properties = qupath_object(feature), feature['properties']
        assert made['type'] == properties['objectType'] and str(made['id']) == feature['id'], (made, feature)
        assert made['measurements'] == properties.get('measurements', {}), made
        if 'classification' not in properties:
            assert made['class'] is None, made
            continue
        assert ': '.join(made['class']) == properties['classification']['name'], made # and so it is called when QuPath writes it
        assert colors.setdefault(made['class'], made['color']) == made['color'], 'of several colours QuPath takes the first'


def check_prediction(properties):
    """Nothing a human said: a class, and how likely each is."""
    assert set(properties) == {'objectType', 'classification', 'measurements'}, properties
    measurements = properties['measurements']
    shares = {name: value for name, value in measurements.items() if name.startswith('prob_')}
    assert set(measurements) - set(shares) <= {'margin', 'nn_distance'}, measurements
    assert properties['classification']['name'] in [called(name[5:]) for name in shares], measurements
    assert all(0 <= value <= 1 for value in shares.values()) and abs(sum(shares.values()) - 1) < 1e-4, shares
    assert measurements.get('nn_distance', 0) >= 0, measurements


def check_label(properties):
    """What a human said: a class, or in its place a name that says why there is none; QuPath would train from a class."""
    assert 'measurements' not in properties, 'a label with measurements'
    metadata = properties.get('metadata', {})
    assert set(metadata) in (set(), {'annotator', 'labelled_at', 'how', 'said'}) and all(isinstance(v, str) for v in metadata.values()), metadata
    assert ('classification' in properties) != ('name' in properties), properties
    if 'name' in properties:
        name = properties['name']
        assert name in ('unsure', 'excluded', 'excluded, unsure') or (name.startswith('excluded: ') and name[10:].strip()), name


def check_feature(feature):
    assert set(feature) == {'type', 'id', 'geometry', 'properties'} and feature['type'] == 'Feature', feature
    parsed = uuid.UUID(feature['id'])
    assert str(parsed) == feature['id'] and parsed.variant == uuid.RFC_4122 and parsed.version == 5, feature['id']
    check_polygon(feature['geometry'])
    properties = feature['properties']
    assert set(properties) <= {'objectType', 'name', 'classification', 'isLocked', 'measurements', 'metadata'}, properties
    assert properties['objectType'] in ('tile', 'annotation'), properties
    if 'classification' in properties:
        check_class(properties['classification'])
    assert properties.get('isLocked', True) is True
    assert isinstance(properties.get('name', ''), str)
    measurements = properties.get('measurements', {'': 0.0})
    assert measurements and all(isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v)
                                for v in measurements.values()), properties
    if properties['objectType'] == 'tile':
        check_prediction(properties)
    else:
        check_label(properties)


def check(path):
    """Raises AssertionError (or what json and gzip raise) for a file that breaks a convention; returns its features."""
    assert path.endswith(('.geojson', '.geojson.gz')), path
    with open(path, 'rb') as file:
        data = file.read()
    if path.endswith('.gz'):
        data = gzip.decompress(data)
    value = json.loads(data.decode('utf-8'), object_pairs_hook=no_doubles, parse_constant=no_constant)
    assert set(value) == {'type', 'generator', 'features'} and value['type'] == 'FeatureCollection', list(value)
    assert value['generator'] == 'Tessera', value['generator']
    for feature in value['features']:
        check_feature(feature)
    check_as_qupath(value)
    ids = [feature['id'] for feature in value['features']]
    assert len(ids) == len(set(ids)), 'two objects of one id'
    places = [(feature['properties']['objectType'], *rectangle(feature)) for feature in value['features']]
    annotated = [place for place in places if place[0] == 'annotation']
    excluded = {place[1:] for place, feature in zip(places, value['features'])
                if feature['properties'].get('name', '').startswith('excluded')}
    assert len(annotated) == len(set(annotated)), 'a tile with two labels'
    assert not any(place[0] == 'tile' and place[1:] in excluded for place in places), 'an excluded tile with a prediction'
    colors = {}
    for feature in value['features']:
        one = feature['properties'].get('classification')
        assert not one or colors.setdefault(one['name'], one['color']) == one['color'], 'one class, two colours'
    return value['features']


def rectangle(feature):
    """x, y, width, height of a feature that is an upright rectangle."""
    ring = feature['geometry']['coordinates'][0]
    xs, ys = sorted({p[0] for p in ring}), sorted({p[1] for p in ring})
    assert len(feature['geometry']['coordinates']) == 1 and len(ring) == 5 and len(xs) == len(ys) == 2, ring
    return xs[0], ys[0], xs[1] - xs[0], ys[1] - ys[0]
