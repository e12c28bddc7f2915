#!/usr/bin/python3
"""Writes first corpora for the targets whose files are quickly made by hand: write_seeds.py OUT (build.sh calls it)."""
import json
import struct
import sys
import zlib
from pathlib import Path

out = Path(sys.argv[1])


def write(target, name, data):
    folder = out / f"corpus-{target}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def model_shapes(resolution, channels, z, w, layers):
    """The tensors of a model with one channel everywhere, by their names in files."""
    shapes = {}

    def dense(name, a, b):
        shapes[f"{name}.weight"] = [a, b]
        shapes[f"{name}.bias"] = [a]

    for k in range(layers):
        dense(f"G.mapping.fc{k}", w, z if k == 0 else w)
    shapes["G.mapping.w_avg"] = [w]
    shapes["G.synthesis.b4.const"] = [1, 4, 4]
    r = 4
    while r <= resolution:
        for layer, kernel, n in ([] if r == 4 else [("conv0", 3, 1)]) + [("conv1", 3, 1), ("torgb", 1, channels)]:
            name = f"G.synthesis.b{r}.{layer}"
            shapes[f"{name}.weight"] = [n, 1, kernel, kernel]
            shapes[f"{name}.bias"] = [n]
            dense(f"{name}.affine", 1, w)
            if layer != "torgb":
                shapes[f"{name}.noise_strength"] = []
                shapes[f"{name}.noise_const"] = [r, r]
        r *= 2
    r = resolution
    while r > 4:
        if r == resolution:
            shapes[f"D.b{r}.fromrgb.weight"] = [1, channels, 1, 1]
            shapes[f"D.b{r}.fromrgb.bias"] = [1]
        for k in range(2):
            shapes[f"D.b{r}.conv{k}.weight"] = [1, 1, 3, 3]
            shapes[f"D.b{r}.conv{k}.bias"] = [1]
        shapes[f"D.b{r}.skip.weight"] = [1, 1, 1, 1]
        r //= 2
    shapes["D.b4.conv.weight"] = [1, 2, 3, 3]
    shapes["D.b4.conv.bias"] = [1]
    dense("D.b4.fc", 1, 16)
    dense("D.b4.out", 1, 1)
    dense("E.b4.fc", 1, 16)
    dense("E.out_mean", w, 1)
    dense("E.out_logvar", w, 1)
    return shapes


def safetensors(tensors, metadata=None):
    """Header and number of data bytes; tensors: name -> (dtype, bytes an element, shape)."""
    header, at = {}, 0
    if metadata is not None:
        header["__metadata__"] = metadata
    for name, (dtype, size, shape) in tensors.items():
        n = size
        for extent in shape:
            n *= extent
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + n]}
        at += n
    return json.dumps(header, separators=(",", ":")).encode(), at


def safetensors_seeds():
    sizes = {"BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2, "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8}
    settings = {"kind": "ss-stylegan2", "resolution": "8", "img_channels": "1", "z_dim": "1", "w_dim": "1", "channel_base": "8",
                "channel_max": "1", "mapping_layers": "1", "shared_layers": "6", "mbstd_group": "1", "latent": "w", "orientations": "8"}
    shapes = model_shapes(8, 1, 1, 1, 1)
    files = {
        "types": safetensors({d.lower(): (d, s, [2, 3]) for d, s in sizes.items()}, {"a": "b"}),
        "empty": safetensors({}),
        "shapes": safetensors({"scalar": ("F32", 4, []), "none": ("F64", 8, [0]), "eight": ("F16", 2, [1] * 8)}),
        "settings": safetensors({}, settings),
        "settings-z": safetensors({"G.mapping.fc0.weight": ("F32", 4, [1, 1])}, dict(settings, latent="z", trained_steps="1")),
        "model": safetensors({n: ("F32", 4, s) for n, s in shapes.items()}, settings),
        "model-bf16": safetensors({n.replace("G.", "G_ema.", 1): ("BF16", 2, s) for n, s in shapes.items()}),
    }
    for name, (header, data) in files.items():
        write("safetensors", name, struct.pack("<Q", len(header)) + header + bytes(i % 61 for i in range(data)))
        write("safetensors", name + "-header", b"+" + struct.pack("<H", data) + header)


def npy_seeds():
    for version in (1, 2, 3):
        header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
        length = struct.pack("<H" if version == 1 else "<I", len(header))
        write("npy", f"version-{version}", b"\x93NUMPY" + bytes([version, 0]) + length + header + struct.pack("<6f", *range(6)))


def info_seeds():
    trust = {"k": 10, "ranked": 3, "kept": 0.5, "trustworthiness": 0.75, "continuity": 0.875, "tiles": "0a-5"}
    info = {"method": "tsne", "model": "m", "tiles": 4, "total_s": 1.5, "balance": 0.5, "perplexity": 30.0, "iterations": 1000, "seed": 7,
            "kl": 1.25, "stopped": True, "trust": trust, "more": [None]}
    write("info", "tsne", json.dumps(info))
    write("info", "pca", '{"method":"pca"}')
    write("info", "none", '{"method":"none"}')
    write("info", "reinhard", '{"method":"reinhard","mean":[60,10,-5],"deviation":[10,4,3]}')
    write("info", "macenko", '{"method":"macenko","stains":[[0.65,0.7,0.29],[0.07,0.99,0.11]],"strongest":[1.9,1.0]}')


def place_seeds():
    for i, name in enumerate(["Slide [d=2,x=10240,y=20480,w=512,h=512].png", "a/b [x=-1,y=2.5,w=1e3,h=4].tif", "[x=0,y=0,w=8,h=8]"]):
        write("place", str(i), name)


def label_seeds():
    write("labels", "files", "file,label,state,annotator\nclass-0/tile-0.png,tumour,,Ada\nclass-1/tile-1.png,,unsure,\nclass-0/tile-2.png,,excluded,Bo\n")
    write("labels", "numbers", "tile_id;class\n0;a\n1;b\n2;\"c \"\"d\"\"\"\n99;x\n")
    write("labels", "columns", "tile\tage\tsite\ntile-0.png\t12\tlung\ntile-1.png\t\tliver\n")


def project_seeds():
    """Lists of changes as fuzz_project.c reads them."""
    write("project", "none", b"")
    for column in range(100):
        for name, value in (("edge", bytes([2, column % 14])), ("text", bytes([5 + 8 * 3]) + b"[{}"), ("blob", bytes([6 + 8 * 2]) + b"\xff\xd8")):
            write("project", f"value-{column}-{name}", bytes([column % 2, 0, column, column % 5]) + value)
    for page in range(0, 64, 3):
        write("project", f"page-{page}", bytes([page % 2, 3, page, page % 12, 255, 4, page, (page * 7) % 50]))
    write("project", "row", bytes([1, 1, 40, 0]))
    write("project", "cut", bytes([1, 5, 20, 0, 1]))
    write("project", "log", bytes([1, 6, 1]) + bytes.fromhex("377f0682002de218000004000000000012345678") + bytes(80))


def bare_seeds():
    """The images, and once more with EXIF that says the way up and whose they are."""
    exif = b"MM\0*" + struct.pack(">IHHHIHHHHIII", 8, 2, 274, 3, 1, 6, 0, 315, 2, 16, 38, 0) + b"JONES MARY 1961\0"
    for path in sorted((out / "corpus-image").glob("*")):
        data = path.read_bytes()
        write("bare", path.name, data)
        if path.name.startswith("jpeg"):
            write("bare", "exif-" + path.name, data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif + data[2:])
        elif path.name.startswith("png"):
            chunk = struct.pack(">I", len(exif)) + b"eXIf" + exif + struct.pack(">I", zlib.crc32(b"eXIf" + exif))
            write("bare", "exif-" + path.name, data[:33] + chunk + data[33:])
        elif path.name.startswith("webp"):
            vp8x = b"VP8X" + struct.pack("<II", 10, 8) + struct.pack("<HBHB", 22, 0, 16, 0)
            body = data[12:] if data[12:16] == b"VP8X" else vp8x + data[12:]
            if body[8] & 8 == 0:
                body = body[:8] + bytes([body[8] | 8]) + body[9:]
            body += b"EXIF" + struct.pack("<I", len(exif)) + exif + bytes(len(exif) % 2)
            write("bare", "exif-" + path.name, b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body)


def small_seeds():
    """Texts that scanners and programs write, as the target reads them."""
    write("vendor", "aperio", b"\x01\x04\x12\xffAperio Image Library v11.2.1\r\n46000x32914 (256x256) JPEG/RGB Q=70|AppMag = 20|MPP = 0.4990|"
          b"ScanScope ID = SS1302\xffAperio\nlabel 387x463\xffAperio\nmacro 1280x431")
    write("vendor", "ome", b"A\x01\xff<?xml version='1.0'?><OME xmlns='http://www.openmicroscopy.org/Schemas/OME/2016-06'><Instrument ID='I:0'>"
          b"<Objective NominalMagnification='40'/></Instrument><Image ID='Image:0'><Pixels SizeX='1000' SizeY='800' SizeC='3' SizeZ='1' SizeT='1' "
          b"PhysicalSizeX='0.25' PhysicalSizeXUnit='\xc2\xb5m' PhysicalSizeY='250' PhysicalSizeYUnit='nm'><Channel SamplesPerPixel='3'/>"
          b"</Pixels></Image></OME>")
    write("vendor", "philips", b"\x01\x01\xff<?xml version='1.0'?><DataObject ObjectType='DPUfsImport'><Attribute Name='DICOM_MANUFACTURER' "
          b"PMSVR='IString'>PHILIPS</Attribute><Attribute Name='DICOM_PIXEL_SPACING'>&quot;0.00025&quot; &quot;0.00025&quot;</Attribute>"
          b"<Attribute Name='PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE'><Array><DataObject ObjectType='PixelDataRepresentation'><Attribute "
          b"Name='DICOM_PIXEL_SPACING'>&quot;0.0005&quot; &quot;0.0005&quot;</Attribute></DataObject></Array></Attribute></DataObject>\xffmacro")
    write("vendor", "plain", b"B\xffdescription")
    write("classes", "list", '{"pathClasses":[{"name":"Tumor","color":[200,0,0]},{"name":"a: b","colorRGB":-3670016},{"name":"Unclassified"}]}')
    write("classes", "names", '{"pathClasses":[{"names":["a","b"],"color":[1,2,3]},{"name":" "}]}')
    write("classes", "areas", '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Polygon","coordinates":'
          '[[[0,0],[9,0],[9,9],[0,0]]]},"properties":{"classification":{"name":"Stroma","color":[0,200,0]}}}]}')
    for state in ("running", "paused", "done"):
        write("audit", state, json.dumps({"state": state, "seed": 7, "drawn_us": 1700000000000000, "labels": 12, "rule": "nearest",
                                          "places": "x", "tiles": [[3, 1, 0], [400, 2, 1], [12, 1, -1]]}))
    write("companions", "vms", "[Virtual Microscope Specimen]\r\nNoLayers=1\r\nImageFile=a.jpg\r\nImageFile(1,0) = b.jpg\r\nMapFile=map.jpg\r\n")
    write("companions", "pipe", "[x]\nImageFile = pipe \nOther=../pipe\n=\n")


def packed_seeds():
    """What is kept in the repository (keep.py)."""
    for path in sorted((Path(__file__).resolve().parent / "corpus").glob("*")):
        data, at = path.read_bytes(), 0
        while at < len(data):
            n = struct.unpack_from("<I", data, at)[0]
            write(path.name, f"kept-{at}", data[at + 4 : at + 4 + n])
            at += 4 + n


for seeds in (safetensors_seeds, npy_seeds, info_seeds, place_seeds, label_seeds, project_seeds, packed_seeds, bare_seeds, small_seeds):
    seeds()
