"""What botocore calls things, as JSON lines.

Input: none. Output: first where botocore's data is,
    {"version": "1.44.5", "data": "<path>/botocore/data"}
then one line per service with the newest API version and the names of its operations and of all members,
    {"service": "s3", "version": "2006-03-01", "protocol": "rest-xml", "service_id": "S3",
     "names": [["ListObjectsV2", "list-objects-v2", "list_objects_v2"], ...],
     "waiters": ["BucketExists", ...], "paginated": ["ListObjectsV2", ...]}
"""

import json
import os

import botocore
from botocore import xform_name
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader
from botocore.model import ServiceModel


def optional(loader, service, kind, version, key):
    try:
        return sorted(loader.load_service_model(service, kind, version)[key])
    except (DataNotFoundError, UnknownServiceError):
        return []


def main():
    data = os.path.join(os.path.dirname(botocore.__file__), "data")
    print(json.dumps({"version": botocore.__version__, "data": data}))
    loader = Loader(extra_search_paths=[data], include_default_search_paths=False)
    for service in loader.list_available_services("service-2"):
        version = loader.determine_latest_version(service, "service-2")
        raw = loader.load_service_model(service, "service-2", version)
        model = ServiceModel(raw, service)
        names = set(raw["operations"])
        for shape in raw["shapes"].values():
            names.update(shape.get("members", ()))
        line = {
            "service": service,
            "version": version,
            "protocol": model.resolved_protocol,
            "service_id": str(model.service_id),
            "names": [[name, xform_name(name, "-"), xform_name(name, "_")] for name in sorted(names)],
            "waiters": optional(loader, service, "waiters-2", version, "waiters"),
            "paginated": optional(loader, service, "paginators-1", version, "pagination"),
        }
        print(json.dumps(line))


if __name__ == "__main__":
    main()
