"""What schemathesis can't know from the contract alone, so that it gets beyond 404 and 400.

Nothing here excuses an answer: no check is switched off, and no status of the service is added.
"""

import copy
import json
import os
import re
from functools import cache
from urllib.parse import quote, urljoin

import requests
import schemathesis
from schemathesis import GenerationMode

BASE_URL = os.environ["SIGNICAT_BASE_URL"]
HEADERS = {"Authorization": "Bearer " + os.environ["SANDBOX_TOKEN"]}

# What the gateway in front of the service answers of its own accord. Its problems are known (PROVENANCE.md), when it
# gives which is not, and so the contract does not list them with each operation: 400 to parameters, 404 where an empty
# id makes another address of a path, 413 and 415 to bodies. A refusal has to be one of these, of that shape.
GATEWAY = {"schema": {"allOf": [{"$ref": "#/components/schemas/GatewayProblem"}, {"required": ["code", "title"]}]}}
GATEWAY_STATUSES = ["400", "404", "413", "415"]

# What an answer is good for in other calls. A task's and a document's ids are the order's own.
ORDER = {"orderId": "$response.body#/id"}
TASK = ORDER | {"taskId": "$response.body#/tasks/0/id"}
DOCUMENT = TASK | {"documentId": "$response.body#/tasks/0/documents/0/id"}
PACKAGING = ORDER | {"packagingTaskId": "$response.body#/packagingTasks/0/id"}
STORED = {"documentId": "$response.body#/documentId"}
LINKS = {
    "uploadDocument": {"getDocument": STORED, "deleteDocument": STORED},
    "createOrder": {
        "getOrder": ORDER,
        "getTaskStatus": TASK,
        "getTaskEvents": TASK,
        "getTaskForwards": TASK,
        "generateArtifact": TASK,
        "getOriginalDocument": DOCUMENT,
        "getGeneratedDocument": DOCUMENT,
        "getResultDocument": DOCUMENT,
        "getPackagingTaskStatus": PACKAGING,
        "getPackagingTaskResult": PACKAGING,
        "deleteOrder": ORDER,
    },
}


@schemathesis.hook
def before_load_schema(context, raw_schema):
    # The sandbox takes no member that the contract does not know, and gives none: a misspelt one is to be found.
    for schema in raw_schema["components"]["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    for path in raw_schema["paths"].values():
        for method, operation in path.items():
            if method == "parameters":
                continue
            responses = operation["responses"]
            for status in GATEWAY_STATUSES:
                of_the_service = responses.get(status, {"description": "The gateway's."})
                while "$ref" in of_the_service:
                    name = of_the_service["$ref"].removeprefix("#/components/responses/")
                    of_the_service = raw_schema["components"]["responses"][name]
                responses[status] = copy.deepcopy(of_the_service)
                responses[status].setdefault("content", {})["application/problem+json"] = GATEWAY
            for target, parameters in LINKS.get(operation["operationId"], {}).items():
                for status in ["200", "201"]:
                    links = responses[status].setdefault("links", {})
                    links[target] = {"operationId": target, "parameters": parameters}


@cache
def stored_document():
    """A document that orders can refer to."""
    return post("documents", "application/pdf", b"%PDF-1.7 ...")["documentId"]


@cache
def archived_documents():
    """Documents in the archive. The API does not tell their ids, and the sandbox's page for people does."""
    document = {"id": "loan", "action": "SIGN", "source": "SESSION", "documentRef": stored_document()}
    task = {"id": "kari", "documents": [document | {"sendResultToArchive": True}]}
    have_signed(post("orders", "application/json", json.dumps({"tasks": [task]})))
    page = requests.get(urljoin(BASE_URL, "/"), timeout=10).text
    return re.findall("[0-9]{8}[0-9a-z]{50}", page.split("Archive", 1)[1])


def post(path, media_type, body):
    headers = HEADERS | {"Content-Type": media_type}
    answer = requests.post(f"{BASE_URL}/{path}", headers=headers, data=body, timeout=10)
    answer.raise_for_status()
    return answer.json()


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    operation_id = case.operation.definition.raw["operationId"]
    if operation_id == "uploadDocument" and case.body in (b"", "", None):
        # HTTP can't tell an empty document from none.
        case.body = b"%PDF-1.7"
    if operation_id == "createOrder" and isinstance(case.body, dict):
        # Equal parts of it may be one object: each is to have an id of its own.
        case.body = json.loads(json.dumps(case.body))
        refer_to_each_other(case.body)
    if operation_id == "getArchivedDocument":
        case.path_parameters["archiveId"] = archived_documents()[0]


def refer_to_each_other(order):
    """Makes the parts of a good order refer to what is there, which a schema can't ask for."""
    for number, template in enumerate(order.get("notificationTemplateParams") or []):
        template["id"] = f"template-{number}"
    has_template = bool(order.get("notificationTemplateParams"))
    for number, task in enumerate(order["tasks"]):
        task["id"] = f"task-{number}" if number else "täsk 1/2"
        for index, document in enumerate(task["documents"]):
            document["id"] = f"document-{index}"
            if document["source"] == "SESSION":
                document["documentRef"] = stored_document()
        for method in task.get("signatureMethods") or []:
            method["name"] = method.get("name") or "nbid-sign"
        for notification in task.get("notifications") or []:
            notification.pop("notificationTemplateParamsId", None)
            if has_template:
                notification["notificationTemplateParamsId"] = "template-0"
        if task.get("dependsOnTasks"):
            task["dependsOnTasks"] = [order["tasks"][number - 1]["id"]] if number else None
    tasks = [{"taskId": task["id"], "documentIds": ["document-0"]} for task in order["tasks"]]
    for number, packaging in enumerate(order.get("packagingTasks") or []):
        packaging.update(id=f"packaging-{number}", method="pades", documents=tasks)


@schemathesis.hook
def after_call(context, case, response):
    if case.operation.definition.raw["operationId"] == "createOrder" and response.status_code in (200, 201):
        have_signed(response.json())


def have_signed(order):
    """The sandbox's signers sign when somebody asks, and packaging takes a look or two."""
    def ask(kind, id):
        url = f"{BASE_URL}/orders/{order['id']}/{kind}/{quote(id, safe='')}/status"
        requests.get(url, headers=HEADERS, timeout=10).raise_for_status()

    for task in order["tasks"]:
        ask("tasks", task["id"])
    for packaging in (order.get("packagingTasks") or []) * 2:
        ask("packaging-tasks", packaging["id"])
