"""An independent check that a file is GeoJSON as QuPath takes it (shared/reference/field.md, Conventions). No code of Tessera's."""

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


def check_prediction(properties):
    """Nothing a human said: a class, and how likely each is."""
    assert set(properties) == {'objectType', 'classification', 'measurements'}, properties
    measurements = properties['measurements']
    shares = {name: value for name, value in measurements.items() if name.startswith('prob_')}
    assert set(measurements) - set(shares) <= {'margin', 'nn_distance'}, measurements
    assert 'prob_' + properties['classification']['name'] in shares, measurements
    assert all(0 <= value <= 1 for value in shares.values()) and abs(sum(shares.values()) - 1) < 1e-4, shares
    assert measurements.get('nn_distance', 0) >= 0, measurements


def check_label(properties):
    """What a human said: a class, or in its place a name that says why there is none; QuPath would train from a class."""
    assert 'measurements' not in properties, 'a label with measurements'
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
    assert set(properties) <= {'objectType', 'name', 'classification', 'isLocked', 'measurements'}, properties
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
    assert set(value) == {'type', 'features'} and value['type'] == 'FeatureCollection', list(value)
    for feature in value['features']:
        check_feature(feature)
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
